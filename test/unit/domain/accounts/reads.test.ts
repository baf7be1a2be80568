import { expect, it } from 'vitest';
import { readOfLine } from '../../../../domain/accounts/reads.ts';

const line = {
  requestId: 'r-1',
  requestTimeEpoch: '1796000000000',
  ip: '192.0.2.1',
  accountId: 'acme',
  keyId: '49a1c7d03be2',
  method: 'GET',
  route: '/v1/quarantine',
  status: '200',
};
const read = {
  atMs: 1_796_000_000_000,
  who: 'key 49a1c7d03be2',
  route: '/v1/quarantine',
  status: 200,
  from: '192.0.2.1',
  requestId: 'r-1',
};

it('a line of the access log tells who read what, when and from where', () => {
  expect(readOfLine(JSON.stringify(line))).toEqual(read);
});

it.each([
  [{ person: '-' }, 'key 49a1c7d03be2'],
  [{ person: 'ada', keyId: '-' }, 'person ada'],
])('a line with %j is of %s', (fields, who) => {
  expect(readOfLine(JSON.stringify({ ...line, ...fields }))).toEqual({ ...read, who });
});

it.each(['', 'text', 'null', '[]', '{}', JSON.stringify({ ...line, requestTimeEpoch: '-' })])(
  '%j is no line of it',
  (text) => {
    expect(readOfLine(text)).toBeUndefined();
  },
);
