// `weir logs`: what a function logged, the warnings and errors of it or all.

import { Option } from '@commander-js/extra-typings';
import type { LogLine } from '../../domain/operations/port.ts';
import { type FunctionVerb, functionVerbs } from '../../domain/system/stage-names.ts';
import { iso } from '../../domain/system/time.ts';
import { defineVerb } from '../verb.ts';
import { sinceOption, toRangeOfLines } from './since.ts';

/** More are not read by a person. */
const mostLines = 1000;

export const logs = defineVerb({
  words: ['logs'],
  summary: 'show the warnings and errors that a function logged',
  examples: ['logs --function consume', 'logs --function ingest --since 1h --all --json'],
  options: (command) =>
    command
      .addOption(new Option('--function <name>', 'the function').choices(functionVerbs).makeOptionMandatory())
      .addOption(sinceOption('30m'))
      .option('--all', 'all lines, not the warnings and errors alone'),
  run: async (operator, { function: verb, since, all = false }) => {
    const range = toRangeOfLines(since, operator.clock.now());
    const lines: LogLine[] = [];
    const operations = await operator.operations();
    for await (const line of operations.logs(verb as FunctionVerb, range, all)) {
      lines.push(line);
      if (lines.length > mostLines) lines.shift();
    }
    const shown = lines.map(({ atMs, ...line }) => ({ at: iso(atMs), ...line }));
    const text = lines.length === 0 ? `${verb} logged ${all ? 'nothing' : 'no warning and no error'}.` : '';
    return { json: { function: verb, lines: shown }, text: text || lines.map(renderLine).join('\n') };
  },
});

function renderLine({ atMs, level, message, fields }: LogLine): string {
  const details = Object.keys(fields).length > 0 ? `\n  ${JSON.stringify(fields)}` : '';
  return `${iso(atMs)}  ${level}  ${message}${details}`;
}
