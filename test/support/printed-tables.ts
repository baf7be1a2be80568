// The table of problems that whoever sends events can meet, as docs/guide/sending-events.md prints it.

import { type Problem, type ProblemCode, problems } from '../../domain/api/problems.ts';

const begin = '<!-- printed from domain/api/problems.ts -->';
const end = '<!-- end of what is printed -->';

/** What only those who read can meet: a path with an account or a batch in it, or a window. */
export const ofReading: readonly ProblemCode[] = ['invalid_window', 'wrong_account', 'unknown_batch'];

export const problemsOfSending: readonly (readonly [code: ProblemCode, problem: Problem])[] = (
  Object.entries(problems) as [ProblemCode, Problem][]
)
  .filter(([code]) => !ofReading.includes(code))
  .toSorted(([, one], [, other]) => one.status - other.status);

/** The page with its table printed anew, and its other text as it is. */
export function withPrintedProblems(page: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from)
    throw new Error(`The page has lost the lines "${begin}" and "${end}", between which its table is.`);
  const rows = problemsOfSending.map(
    ([code, { status, detail, retryAfter }]) =>
      `| \`${code}\` | ${status} | ${cell(detail)} | ${retryAfter === undefined ? '' : `${retryAfter} s`} |`,
  );
  const table = ['| code | status | what to do | `Retry-After` |', '|---|--:|---|--:|', ...rows].join('\n');
  return `${page.slice(0, from)}${begin}\n\n${table}\n\n${page.slice(to)}`;
}

/** Markdown would take `<timestamp>` for a tag, and show nothing of it. */
const cell = (text: string): string => text.replace(/[<|]/g, '\\$&');
