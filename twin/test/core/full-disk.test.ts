import { describe, expect, it } from 'vitest';
import { inOneLine } from '../../src/core/service.ts';
import { startInPhases } from '../../src/core/start-in-phases.ts';

describe.each([
  ['a file', "ENOSPC: no space left on device, open '/data/marks'"],
  ['a quota', 'EDQUOT: quota exceeded, write'],
  ['the tables', 'Internal server error: database or disk is full'],
  ['the stream', 'IO error: /data/kinesis/000005.log: No space left on device'],
])('a full disk that shows in %s', (_where, words) => {
  it('is called so where it fails the start, and no reason to move data away', async () => {
    const part = {
      name: 'the part',
      start: () => Promise.reject(new Error(words)),
      end: async () => undefined,
    };

    const failed = startInPhases([{ engines: [part] }]);

    await expect(failed).rejects.toThrow(
      `the part: The disk is full. Make some room on it; what was acknowledged is kept. ${words}`,
    );
    await expect(failed).rejects.not.toThrow('Move');
  });

  it('is called so where it is reported', () => {
    const lines: string[] = [];

    inOneLine((line) => lines.push(line))(`gateway: ${words}`);

    expect(lines).toEqual([
      `The disk is full. Make some room on it; what was acknowledged is kept. gateway: ${words}`,
    ]);
  });
});

it('what is no full disk is reported as it is', () => {
  const lines: string[] = [];

  inOneLine((line) => lines.push(line))('the disk of the record is unknown');

  expect(lines).toEqual(['the disk of the record is unknown']);
});
