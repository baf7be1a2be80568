// The command line as commander reads it, made from the list of verbs. Global options may be given before the verb and
// after it.

import { Command, Help, Option } from '@commander-js/extra-typings';
import { weirCommand } from './terminal/commands.ts';
import type { Verb } from './verb.ts';
import { groups, verbs } from './verbs.ts';

export type ProgramOutput = {
  /** Receives help and complaints. */
  readonly write: (text: string) => void;
  /** The width of the terminal, at which help is wrapped. */
  readonly columns?: number | undefined;
};

type Perform = Parameters<Verb['command']>[0];
type AnyCommand = {
  readonly commands: readonly AnyCommand[];
  readonly parent: AnyCommand | null;
  name(): string;
};

export type Program = ReturnType<typeof createRoot>;

export function createProgram(output: ProgramOutput, perform: Perform): Program {
  const program = createRoot(output);
  for (const verb of verbs) {
    const parent = verb.words.slice(0, -1).reduce<Command>(findOrAddGroup, program as unknown as Command);
    const command = verb.command(perform).copyInheritedSettings(parent);
    parent.addCommand(command.addHelpText('after', renderExamples(verb.examples)));
  }
  return program;
}

function createRoot({ write, columns }: ProgramOutput) {
  return new Command('weir')
    .description('Operates a stage of Weir: its accounts, its quarantine and its stream.')
    .addOption(new Option('--stage <name>', 'the stage to work on').default('dev', 'dev'))
    .option('--region <name>', 'the AWS region (that of the environment)')
    .option('--endpoint <url>', 'another endpoint than AWS')
    .addOption(
      new Option('--local', 'the twin that npm start runs for this folder').conflicts([
        'endpoint',
        'region',
        'stage',
      ]),
    )
    .option('--json', 'print JSON for machines')
    .helpCommand(false)
    .showHelpAfterError('  next: --help lists the options and verbs.')
    .exitOverride()
    .configureOutput({
      writeOut: write,
      writeErr: write,
      getOutHelpWidth: () => columns ?? maxHelpColumns,
      getErrHelpWidth: () => columns ?? maxHelpColumns,
    })
    .configureHelp({ showGlobalOptions: true, formatHelp: formatWithVerbs })
    .addHelpText('after', renderExamples(firstExamples([])))
    .addHelpText('after', '\nExit codes: 0 done, 1 refused or failed, 2 wrong use.');
}

const maxHelpColumns = 110;

function findOrAddGroup(parent: Command, word: string): Command {
  const found = parent.commands.find((command) => command.name() === word);
  if (found) return found as Command;
  const words = [...wordsOf(parent), word];
  return parent
    .command(word)
    .description(groups[words.join(' ')] ?? '')
    .addHelpText('after', renderExamples(firstExamples(words))) as unknown as Command;
}

/** One of each command of the next level. */
function firstExamples(words: readonly string[]): readonly string[] {
  const below = verbs.filter((verb) => words.every((word, index) => verb.words[index] === word));
  return [...Map.groupBy(below, (verb) => verb.words[words.length]).values()].flatMap(
    ([verb]) => verb?.examples[0] ?? [],
  );
}

const renderExamples = (examples: readonly string[]): string =>
  ['', 'Examples:', ...examples.map((example) => `  ${weirCommand} ${example}`)].join('\n');

/** Lists whole verbs rather than the next word. Suggestions for a misspelt word come from the words of its level. */
function formatWithVerbs(command: AnyCommand, helper: Help): string {
  const listing = Object.assign(helper, {
    visibleCommands: verbsBelow,
    subcommandTerm: (verb: AnyCommand) => wordsOf(verb).join(' '),
  });
  return new Help().formatHelp(command as never, listing as never);
}

const verbsBelow = (command: AnyCommand): AnyCommand[] =>
  command.commands.flatMap((below) => (below.commands.length > 0 ? verbsBelow(below) : below));

const wordsOf = (command: AnyCommand): string[] =>
  command.parent === null ? [] : [...wordsOf(command.parent), command.name()];
