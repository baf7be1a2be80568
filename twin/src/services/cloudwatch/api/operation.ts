// What the operations of CloudWatch's API share: how they fail, and how they page.

import { isJsonRecord, type JsonRecord } from '../../../core/json-record.ts';

/** In the JSON protocol: times are seconds since 1970. */
export type Operation = (input: JsonRecord) => unknown;

export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function required(input: JsonRecord, name: string): string {
  const value = input[name];
  if (typeof value !== 'string' || value === '')
    throw new Refused('MissingParameter', `The parameter ${name} is required.`);
  return value;
}

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const recordsOf = (value: unknown): readonly JsonRecord[] => listOf(value).filter(isJsonRecord);
export const textsOf = (value: unknown): readonly string[] => listOf(value).map(String);

export function timeMs(input: JsonRecord, name: string, otherwise?: number): number {
  const seconds = input[name];
  if (typeof seconds === 'number') return seconds * 1000;
  if (otherwise !== undefined) return otherwise;
  throw new Refused('MissingParameter', `The parameter ${name} is required.`);
}

/** The token is the number of items that were given already. */
export function page<Item>(
  items: readonly Item[],
  token: unknown,
  most: number,
): { readonly items: readonly Item[]; readonly next: { readonly NextToken?: string } } {
  const from = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(from) || from < 0)
    throw new Refused('InvalidNextToken', 'The NextToken is not valid.');
  const next = from + most;
  return { items: items.slice(from, next), next: next < items.length ? { NextToken: String(next) } : {} };
}
