// `weir account suspend` and `resume`: requests of an account, or of all of a tier, are refused. Nothing is deleted.

import { Option } from '@commander-js/extra-typings';
import { tierNames } from '../../domain/accounts/tiers.ts';
import { WrongUse } from '../errors.ts';
import { defineVerb, type Verb } from '../verb.ts';
import { changeStatus } from './status.ts';
import { renderResumed, renderSuspended, resumeTier, suspendTier } from './tier-status.ts';

/** One account is meant, or all of a tier. */
export class OneOrAll extends WrongUse {
  constructor() {
    super('Give either --account or --all-of-tier. Nothing was changed.', '--help lists the options.');
  }
}

const accountOption = () => new Option('--account <id>', 'the id of the account');
const tierOption = () =>
  new Option('--all-of-tier <name>', 'all accounts of this tier; needs --yes').choices(tierNames);

export const accountStatusVerbs: readonly Verb[] = [
  defineVerb({
    words: ['account', 'suspend'],
    summary: 'refuse what an account, or all of a tier, send, until they are resumed',
    examples: [
      'account suspend --account acme',
      'account suspend --account acme --reads',
      'account suspend --all-of-tier standard --yes',
    ],
    options: (command) =>
      command
        .addOption(accountOption())
        .addOption(tierOption())
        .option('--reads', 'refuse also requests that read')
        .option('--yes', 'with --all-of-tier'),
    run: async (operator, { account, allOfTier, reads = false, yes = false }, progress, toCommand) => {
      if (allOfTier !== undefined && account === undefined) {
        const done = await suspendTier(operator, { tier: allOfTier, reads, isSure: yes }, progress);
        return {
          json: done,
          text: renderSuspended(done, toCommand),
          ...(done.changed_meanwhile > 0 && { code: 1 }),
        };
      }
      if (account === undefined || allOfTier !== undefined) throw new OneOrAll();
      const suspended = await changeStatus(operator, account, 'suspended', { reads });
      const which =
        suspended.reads === 'refused' ? 'all its requests' : 'its requests, except for those that read,';
      const text = suspended.changed
        ? `The account ${account} is suspended. After 30 seconds at the latest ${which} are answered 403 account_suspended; what is stored stays.`
        : `The account ${account} is suspended already${suspended.reads === 'refused' ? ', with its reads' : ''}.`;
      return { json: suspended, text };
    },
  }),
  defineVerb({
    words: ['account', 'resume'],
    summary: 'accept the requests of a suspended account, or of a suspended tier, again',
    examples: ['account resume --account acme', 'account resume --all-of-tier standard --yes'],
    options: (command) =>
      command.addOption(accountOption()).addOption(tierOption()).option('--yes', 'with --all-of-tier'),
    run: async (operator, { account, allOfTier, yes = false }, progress) => {
      if (allOfTier !== undefined && account === undefined) {
        const done = await resumeTier(operator, { tier: allOfTier, isSure: yes }, progress);
        return { json: done, text: renderResumed(done), ...(done.changed_meanwhile > 0 && { code: 1 }) };
      }
      if (account === undefined || allOfTier !== undefined) throw new OneOrAll();
      const resumed = await changeStatus(operator, account, 'active');
      const text = resumed.changed
        ? `The account ${account} is active. After 30 seconds at the latest its requests are accepted.`
        : `The account ${account} is active already.`;
      return { json: resumed, text };
    },
  }),
];
