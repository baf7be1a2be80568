// A disk that is full, wherever it shows: in a call of this process, or in the words of an engine.

const signs =
  /\b(?:ENOSPC|EDQUOT)\b|no space left on device|(?:database or )?disk is full|disk quota exceeded/i;

export const fullDiskAdvice = 'The disk is full. Make some room on it; what was acknowledged is kept.';

export function isFullDisk(message: string): boolean {
  return signs.test(message);
}

/** What went wrong, and first why where the reason is a full disk: it is nobody's fault, and no data is damaged. */
export function namingFullDisk(problem: string): string {
  return isFullDisk(problem) && !problem.startsWith(fullDiskAdvice)
    ? `${fullDiskAdvice} ${problem}`
    : problem;
}
