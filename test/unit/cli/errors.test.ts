import { expect, it } from 'vitest';
import { CliError, renderError, UnknownAccount } from '../../../cli/errors.ts';

it('prints what failed, why, and what to do next', () => {
  class Failed extends CliError {}
  const cause = new Error('socket hang up', { cause: new Error('read ECONNRESET') });

  expect(renderError(new Failed('The stage was not read.', 'Try again.', { cause }), 'Check --stage.')).toBe(
    [
      'error: The stage was not read.',
      '  because: socket hang up',
      '  because: read ECONNRESET',
      '  next: Try again.',
    ].join('\n'),
  );
});

it('says of an error that is none of ours what to do otherwise', () => {
  expect(renderError(new Error('AccessDenied'), 'Check --stage.')).toBe(
    'error: AccessDenied\n  next: Check --stage.',
  );
});

it('prints the code of an error without a message, as of a refused connection to several addresses', () => {
  const refused = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });

  expect(renderError(refused, '')).toContain('error: ECONNREFUSED');
});

it('an error is named after its cause', () => {
  expect(new UnknownAccount('acme')).toMatchObject({ name: 'UnknownAccount', exitCode: 1 });
});
