// What may be wrong in the verbs of somebody on call.

import { CliError, WrongUse } from '../errors.ts';

export class NoSuchConsumer extends CliError {
  constructor(consumer: string) {
    super(`The stage has no ${consumer}.`, 'weir consumers lists those that it has.');
  }
}

export class NothingToSet extends WrongUse {
  constructor() {
    super('There is nothing to set.', 'Give --parallel or --oldest-record-hours.');
  }
}

/** Or of more than one. */
export class NoSubject extends WrongUse {
  constructor() {
    super(
      'It is not said what to show.',
      'Give one of --function (with --name, if you like), --tables, --streams.',
    );
  }
}

export class NotPublished extends WrongUse {
  constructor(verb: string, name: string, known: readonly string[]) {
    super(
      `${verb} publishes no ${name}.`,
      known.length === 0 ? `It publishes nothing: leave --name out.` : `It publishes ${known.join(', ')}.`,
    );
  }
}

export class BothGiven extends WrongUse {
  constructor() {
    super('--reserve and --unreserve exclude each other.', 'Give one of them.');
  }
}

export class InvalidNumber extends WrongUse {
  constructor(option: string, value: string, least: number, most: number) {
    super(`--${option} ${value} is not allowed.`, `It must be a whole number from ${least} to ${most}.`);
  }
}
