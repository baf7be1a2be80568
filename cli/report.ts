// `weir report`: how well the promises were kept in a time, what failed, and whether to ship. Review makes it.

import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { instantForms } from '../domain/system/instants.ts';
import { dayMs, floorTo, hourMs } from '../domain/system/time.ts';
import { CliError, WrongUse } from './errors.ts';
import { reportAccount } from './slo/account-report.ts';
import { assertInOrder, readInstant } from './terminal/instants.ts';
import { defineVerb } from './verb.ts';

const usualMs = 7 * dayMs;
const mostDays = 92;

export class ReportTooLong extends WrongUse {
  constructor() {
    super(
      `A report is of one hour to ${mostDays} days.`,
      'Give --from and --to that are closer, or further apart.',
    );
  }
}

export class NoPageOfAccount extends WrongUse {
  constructor() {
    super('The report of an account is text.', 'Leave out --out and --open, or redirect what is printed.');
  }
}

export class FileNotWritten extends CliError {
  constructor(file: string, cause: unknown) {
    super(`${file} could not be written.`, 'Give another --out.', { cause });
  }
}

type ReportAnswer = { readonly report: unknown; readonly page: string; readonly text: string };

export const report = defineVerb({
  words: ['report'],
  summary: 'say whether the promises were kept, what failed, and whether to ship',
  examples: ['report', 'report --from 30d --out report.html', 'report --account acme --from 7d'],
  options: (command) =>
    command
      .option('--from <time>', `from this hour on (${instantForms}); 7 days ago`)
      .option('--to <time>', 'until before this hour; the one that has begun')
      .option('--account <id>', 'of one account, as text')
      .option('--out <file>', 'write it as a page, too')
      .option('--open', 'write it as a page, and open that'),
  run: async (operator, { from, to, account, out, open }) => {
    const nowMs = operator.clock.now();
    const toMs = floorTo(to === undefined ? nowMs : readInstant('to', to, nowMs), hourMs);
    const fromMs = floorTo(from === undefined ? toMs - usualMs : readInstant('from', from, nowMs), hourMs);
    assertInOrder({ fromMs, toMs: Math.max(toMs, fromMs === toMs ? toMs + 1 : toMs) });
    if (toMs - fromMs < hourMs || toMs - fromMs > mostDays * dayMs) throw new ReportTooLong();
    if (account !== undefined) {
      if (out !== undefined || open) throw new NoPageOfAccount();
      return reportAccount(operator, account, { fromMs, toMs });
    }
    const { functions } = await operator.records();
    const answer = (await functions.invoke('review', { report: { fromMs, toMs } })) as ReportAnswer;
    const file = out ?? (open ? join(mkdtempSync(join(tmpdir(), 'weir-report-')), 'report.html') : undefined);
    if (file === undefined) return { json: inSnakeCase(answer.report), text: answer.text };
    try {
      writeFileSync(file, answer.page);
    } catch (cause) {
      throw new FileNotWritten(file, cause);
    }
    if (open) openFile(resolve(file));
    return { json: inSnakeCase(answer.report), text: `${answer.text}\n\nAs a page: ${resolve(file)}` };
  },
});

/** As all verbs print it. */
function inSnakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inSnakeCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      inSnakeCase(each),
    ]),
  );
}

/** By the program that the system has for it. Where it has none, the page is still there. */
function openFile(file: string): void {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  spawn(opener, [file], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}
