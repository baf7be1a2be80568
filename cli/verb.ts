// What a verb is: its words, its options and its work. Verbs are listed in verbs.ts; they know nothing of one another.

import { Command, Option, type OptionValues } from '@commander-js/extra-typings';
import type { AwsAccount } from '../adapters/aws/aws-account.ts';
import type { AccountNeeds } from '../domain/system/account-needs.ts';
import type { Operator } from './operator.ts';
import type { ToCommand } from './terminal/commands.ts';

/** `code` is the exit code where that is not 0: the work ended, and something was not done. */
export type Result = { readonly json: unknown; readonly text: string; readonly code?: 1 };

/** Prints a line for the person who waits, apart from the result. */
export type Progress = (line: string) => void;

/** An AWS account, with or without the stage. */
export type Examined = {
  readonly account: Omit<Pick<AwsAccount, keyof AwsAccount>, 'region'>;
  readonly needs: AccountNeeds;
};

/** What a verb works with. It connects when it is asked for. */
export type Connections = {
  operator(): Promise<Operator>;
  examined(): Promise<Examined>;
};

type Definition<Options extends OptionValues, Connected = Operator> = {
  readonly words: readonly string[];
  readonly summary: string;
  /** As they are typed after `weirCommand`. */
  readonly examples: readonly string[];
  readonly options: (command: Command) => Command<[], Options>;
  readonly run: (
    connected: Connected,
    options: Options,
    progress: Progress,
    toCommand: ToCommand,
  ) => Promise<Result>;
};

/** Connects, does the work and prints its result. */
type Perform = (
  work: (connections: Connections, progress: Progress, toCommand: ToCommand) => Promise<Result>,
) => Promise<void>;

export type Verb = Pick<Definition<OptionValues>, 'words' | 'summary' | 'examples'> & {
  /** The command of its last word. */
  readonly command: (perform: Perform) => Command<[], OptionValues>;
};

export const defineVerb = <Options extends OptionValues>(definition: Definition<Options>): Verb =>
  define(definition, ({ operator }) => operator());

/** A verb that does not need the stage to be deployed. */
export const defineAccountVerb = <Options extends OptionValues>(
  definition: Definition<Options, Examined>,
): Verb => define(definition, ({ examined }) => examined());

function define<Options extends OptionValues, Connected>(
  definition: Definition<Options, Connected>,
  connect: (connections: Connections) => Promise<Connected>,
): Verb {
  const { words, summary, examples, options, run } = definition;
  return {
    words,
    summary,
    examples,
    command: (perform) => {
      const command = options(new Command(words.at(-1)).description(summary));
      const required = takeRequired(command);
      command.action(async (values) => {
        // Commander takes the next word for a value, whatever it is: a forgotten value would swallow --dry-run.
        for (const [key, value] of Object.entries(command.optsWithGlobals()))
          if (typeof value === 'string' && value.startsWith('-'))
            command.error(`error: --${toFlag(key)} has no value: "${value}" is an option.`);
        for (const { key, complaint } of required)
          if (command.getOptionValue(key) === undefined) command.error(complaint);
        await perform(async (connections, progress, toCommand) =>
          run(await connect(connections), values as Options, progress, toCommand),
        );
      });
      return command as unknown as Command<[], OptionValues>;
    },
  };
}

/**
 * Commander looks for missing options before it looks for unknown ones: of a misspelt --account it would report that
 * --account is missing. So required options are looked for only once all that was given is known.
 */
function takeRequired(command: { readonly options: readonly Option[] }): readonly RequiredOption[] {
  const required = command.options.filter(({ mandatory }) => mandatory);
  return required.map((option) => {
    const complaint = `error: --${option.name()} is missing: ${option.description}.`;
    option.mandatory = false;
    option.description += ' (required)';
    return { key: option.attributeName(), complaint };
  });
}

const toFlag = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

type RequiredOption = { readonly key: string; readonly complaint: string };

export const requiredAccount = () =>
  new Option('--account <id>', 'the id of the account').makeOptionMandatory();
