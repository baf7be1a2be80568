// For each rule of the dead letters of a lane, a world without it. In each the model must find a broken promise.

import { hash } from 'node:crypto';
import { deadLetterPrefix, letterPrefixes } from '../../domain/keys.ts';
import type { Mutant } from './mutant.ts';

const withoutDigest = (name: string): string =>
  name.startsWith(deadLetterPrefix) ? name.slice(0, -digestOfNoRecord.length) : name;
const digestOfNoRecord = hash('sha256', '', 'base64url');

export const refusingMutants: Readonly<Record<string, Mutant>> = {
  'A1: a record leaves the stream before its object is in the bucket': {
    inTransit: ({ failedRecords, ...ports }) => ({
      ...ports,
      failedRecords: {
        ...failedRecords,
        put: async (name, data) => {
          const put = failedRecords.put(name, data);
          if (!name.startsWith(deadLetterPrefix)) return put;
          put.catch(() => {});
        },
      },
    }),
  },
  'A2: the name of a dead letter of a lane does not name all of its records': {
    inTransit: ({ failedRecords, ...ports }) => ({
      ...ports,
      failedRecords: { ...failedRecords, put: (name, data) => failedRecords.put(withoutDigest(name), data) },
    }),
  },
  'A3: an object is removed before its records have receipts': {
    inTransit: ({ failedRecords, ...ports }) => ({
      ...ports,
      failedRecords: {
        ...failedRecords,
        get: async (name) => {
          const object = await failedRecords.get(name);
          if (letterPrefixes.some((prefix) => name.startsWith(prefix))) await failedRecords.remove(name);
          return object;
        },
      },
    }),
  },
};
