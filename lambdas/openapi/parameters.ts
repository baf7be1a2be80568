// The parameters that several routes take.

import type { Parameter } from './operation.ts';

const text = { type: 'string' } as const;

/** As `parseInstant` reads it. */
const instant = {
  type: 'string',
  anyOf: [{ format: 'date-time' }, { pattern: '^\\d{1,6}[smhd]$' }, { const: 'now' }],
} as const;

export const accountInPath: Parameter = {
  description: 'The account of the key, or one that the person is a member of.',
  schema: text,
  example: 'demo',
};

export const recordInPath: Parameter = {
  description: 'The `record` of the list of what is in quarantine.',
  schema: text,
  example: 'AZrhzgk4c9bTq0mR2Xwf.0',
};

export const keyInPath: Parameter = {
  description: 'The `key_id` of a key of the account in this environment.',
  schema: text,
  example: '49a1c7d03be2',
};

export const fromTo = {
  from: {
    description: 'From when on: RFC 3339, or how long ago, such as `90s`, `30m`, `2h` or `7d`.',
    schema: instant,
    example: '7d',
  },
  to: {
    description: 'Until before when, in the forms of `from`. Absent: until now.',
    schema: instant,
    example: 'now',
  },
} as const satisfies Readonly<Record<string, Parameter>>;

export const format: Parameter = {
  description: '`csv`: a table for spreadsheets.',
  schema: { type: 'string', enum: ['json', 'csv'], default: 'json' },
  example: 'json',
};

export const force: Parameter = {
  description: '`true`: also if the key was used in the last hour, and its clients will be refused.',
  schema: { type: 'string', enum: ['true', 'false'], default: 'false' },
  example: 'false',
};
