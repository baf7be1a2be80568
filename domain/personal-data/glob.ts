// Matches names against patterns in which `*` stands for any run of characters, without regard to case. A pattern never
// becomes a regular expression: each piece is searched once, from left to right, so that no pattern can backtrack.

export type NameTest = (foldedName: string) => boolean;

/** One spelling for names that differ only in case or in how an accent is encoded. */
export const foldName = (name: string): string => name.toLowerCase().normalize('NFC');

/** The test takes names folded by `foldName`. */
export function compileNames(patterns: readonly string[]): NameTest {
  const folded = patterns.map(foldName);
  const exact = new Set(folded.filter((pattern) => !pattern.includes('*')));
  const globs = folded.filter((pattern) => pattern.includes('*')).map(compileGlob);
  return (name) => exact.has(name) || globs.some((matches) => matches(name));
}

function compileGlob(pattern: string): NameTest {
  const [head = '', ...pieces] = pattern.split('*');
  const tail = pieces.pop() ?? '';
  return (name) => {
    const tailStart = name.length - tail.length;
    if (tailStart < head.length || !name.startsWith(head) || !name.endsWith(tail)) return false;
    let from = head.length;
    for (const piece of pieces) {
      const found = name.indexOf(piece, from);
      if (found === -1) return false;
      from = found + piece.length;
    }
    return from <= tailStart;
  };
}
