// Reads the command line, connects, runs the verb and prints its result. Exit codes: 0 done, 1 refused or failed, 2 wrong
// use. Nothing here ends the process or reads it: output, connection and folder come in as arguments.

import { CommanderError } from '@commander-js/extra-typings';
import type { AccountNeeds } from '../domain/system/account-needs.ts';
import {
  type ConnectionOptions,
  isRegionMissing,
  NoRegion,
  type OperatorOptions,
  toOperatorOptions,
} from './connection.ts';
import { CliError, renderError } from './errors.ts';
import type { Operator } from './operator.ts';
import { createProgram, type Program } from './program.ts';
import { type ToCommand, weirCommand } from './terminal/commands.ts';
import type { Examined } from './verb.ts';

export type Streams = {
  out(text: string): void;
  err(text: string): void;
  /** The width of the terminal that reads `out`. */
  readonly columns?: number | undefined;
};
export type Connect = (options: OperatorOptions) => Promise<Operator>;

export type StageNeeds = (stage: string) => Promise<AccountNeeds>;
export type Examination = {
  /** Handed in by bin/weir.ts: verbs know nothing of the infrastructure. */
  readonly stageNeeds: StageNeeds;
  readonly connectAccount?: (options: OperatorOptions) => Promise<Examined['account']>;
};

const noStages: StageNeeds = () => Promise.reject(new Error('No settings of stages were handed in.'));

/** Help and refusals do not load the AWS clients. */
const connectToStage: Connect = async (options) => (await import('./operator.ts')).connectOperator(options);

const connectToAccount = async ({ stage: _, ...connection }: OperatorOptions) =>
  (await import('./doctor/connect.ts')).connectAccount(connection);

/** `folder` is in the project whose twin --local means. */
export async function runCli(
  argv: readonly string[],
  streams: Streams,
  connect: Connect = connectToStage,
  folder: string = process.cwd(),
  { stageNeeds, connectAccount = connectToAccount }: Examination = { stageNeeds: noStages },
): Promise<number> {
  let code = 0;
  let printed = '';
  const write = (text: string) => {
    printed += text;
  };
  const program = createProgram({ write, columns: streams.columns }, async (work) => {
    const { json, ...options } = program.opts();
    const named = <T>(connection: Promise<T>) =>
      connection.catch((error) => {
        throw isRegionMissing(error) ? new NoRegion(folder) : error;
      });
    const connections = {
      operator: () => named(connect(toOperatorOptions(options, folder))),
      examined: async () => {
        const where = toOperatorOptions(options, folder);
        const needs = await stageNeeds(where.stage);
        return { needs, account: await named(connectAccount(where)) };
      },
    };
    const result = await work(connections, streams.err, toCommand);
    streams.out(json ? JSON.stringify(result.json) : result.text);
    code = result.code ?? 0;
  });
  const toCommand: ToCommand = (words) => [weirCommand, ...connectionArguments(program), words].join(' ');
  try {
    await program.parseAsync(withoutUselessHelp(program, argv), { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      const isHelp = helpCodes.includes(error.code);
      streams[isHelp ? 'out' : 'err'](printed.trimEnd());
      return isHelp ? 0 : 2;
    }
    streams.err(renderError(error, whereToLook(program.opts()), toCommand));
    return error instanceof CliError ? error.exitCode : 1;
  }
}

/** Help was requested, or no verb was named: `weir` and `weir quarantine` print the verbs that there are. */
const helpCodes = ['commander.helpDisplayed', 'commander.help'];

/** The options by which this command line connects, so that the next command works on the same stage. */
function connectionArguments(program: Program): string[] {
  const { local, stage, region, endpoint } = program.opts();
  return [
    ...(local ? ['--local'] : []),
    ...(program.getOptionValueSource('stage') === 'cli' ? ['--stage', stage] : []),
    ...(region ? ['--region', region] : []),
    ...(endpoint ? ['--endpoint', endpoint] : []),
  ];
}

/**
 * With --help commander prints the help of the words that it knows, and a misspelt one would go unnoticed. `weir help
 * quarantine list` is read as `weir quarantine list --help`.
 */
function withoutUselessHelp(program: Program, argv: readonly string[]): readonly string[] {
  const { operands } = program.parseOptions([...argv]);
  if (operands[0] === 'help')
    return withoutUselessHelp(program, [...argv.toSpliced(argv.indexOf('help'), 1), '--help']);
  let commands: readonly { name(): string; readonly commands: unknown }[] = program.commands;
  for (const word of operands) {
    const found = commands.find((command) => command.name() === word);
    if (!found) return commands.length === 0 ? argv : argv.filter((each) => !['--help', '-h'].includes(each));
    commands = found.commands as typeof commands;
  }
  return argv;
}

const whereToLook = ({ local }: Partial<ConnectionOptions>): string =>
  local
    ? 'Look at the terminal of the twin, or stop it and start it again: npm start'
    : 'Check --stage and --region, and that AWS accepts your credentials: aws sts get-caller-identity. For the twin on ' +
      'this machine use --local. --endpoint is the address of AWS services, not that of the API of Weir.';
