// Rows under a heading, each column as wide as its widest cell; numbers are aligned to the right.

export type Cell = string | number;

export function table(heading: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const widths = heading.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => String(row[column] ?? '').length)),
  );
  const lines = [heading, ...rows].map((row) =>
    heading
      .map((_, column) => {
        const cell = row[column] ?? '';
        const isNumber = typeof (rows[0]?.[column] ?? '') === 'number';
        const width = widths[column] ?? 0;
        return isNumber ? String(cell).padStart(width) : String(cell).padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return lines.join('\n');
}

/** Broken between words; a longer word is broken within. */
export const wrapped = (text: string, width: number): string[] =>
  (text.match(new RegExp(`\\S.{0,${width - 1}}(?=\\s|$)|\\S{1,${width}}`, 'g')) ?? []).map((line) =>
    line.trimEnd(),
  );
