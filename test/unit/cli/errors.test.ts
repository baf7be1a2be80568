import { expect, it } from 'vitest';
import { CliError, renderError, UnknownAccount } from '../../../cli/errors.ts';

const toCommand = (words: string) => `npm run -s weir -- --local ${words}`;

it('prints what failed, why, and what to do next', () => {
  class Failed extends CliError {}
  const cause = new Error('socket hang up', { cause: new Error('read ECONNRESET') });

  expect(
    renderError(new Failed('The stage was not read.', 'Try again.', { cause }), 'Check --stage.', toCommand),
  ).toBe(
    [
      'error: The stage was not read.',
      '  because: socket hang up',
      '  because: read ECONNRESET',
      '  next: Try again.',
    ].join('\n'),
  );
});

it('prints commands as they are typed, on the stage of the command that failed', () => {
  class Failed extends CliError {}

  expect(renderError(new Failed('No.', 'Look: weir quarantine list --account a'), '', toCommand)).toBe(
    'error: No.\n  next: Look: npm run -s weir -- --local quarantine list --account a',
  );
});

it('says of an error that is none of ours what to do otherwise', () => {
  expect(renderError(new Error('AccessDenied'), 'Check --stage.', toCommand)).toBe(
    'error: AccessDenied\n  next: Check --stage.',
  );
});

it('prints the code of an error without a message, as of a refused connection to several addresses', () => {
  const refused = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });

  expect(renderError(refused, '', toCommand)).toContain('error: ECONNREFUSED');
});

it('an error is named after its cause', () => {
  expect(new UnknownAccount('acme')).toMatchObject({ name: 'UnknownAccount', exitCode: 1 });
});
