// The table of problems that a client that sends events can get, in docs/guide/sending-events.md.

import { type Problem, type ProblemCode, problems } from '../../domain/api/problems.ts';

const begin = '<!-- printed from domain/api/problems.ts -->';
const end = '<!-- end of what is printed -->';

/** Problems of routes that read: they need an account or a batch in the path, or a window. */
export const ofReading: readonly ProblemCode[] = ['invalid_window', 'wrong_account', 'unknown_batch'];

export const problemsOfSending: readonly (readonly [code: ProblemCode, problem: Problem])[] = (
  Object.entries(problems) as [ProblemCode, Problem][]
)
  .filter(([code]) => !ofReading.includes(code))
  .toSorted(([, one], [, other]) => one.status - other.status);

/** Returns the page with a new table. */
export function withPrintedProblems(page: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from)
    throw new Error(`The page has no lines "${begin}" and "${end}". Restore them around its table.`);
  const rows = problemsOfSending.map(
    ([code, { status, detail, retryAfter }]) =>
      `| \`${code}\` | ${status} | ${cell(detail)} | ${retryAfter === undefined ? '' : `${retryAfter} s`} |`,
  );
  const table = ['| code | status | what to do | `Retry-After` |', '|---|--:|---|--:|', ...rows].join('\n');
  return `${page.slice(0, from)}${begin}\n\n${table}\n\n${page.slice(to)}`;
}

/** Markdown would treat `<timestamp>` as an HTML tag and hide it. */
const cell = (text: string): string => text.replace(/[<|]/g, '\\$&');
