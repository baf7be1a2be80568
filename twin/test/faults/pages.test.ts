// The page of faults, and the plan that `npm start` is given.

import { spawnSync } from 'node:child_process';
import { beforeEach, expect, it } from 'vitest';
import { createClock } from '../../src/core/clock.ts';
import { faultPages } from '../../src/faults/fault-pages.ts';
import { Faults } from '../../src/faults/faults.ts';
import { WrongInput } from '../../src/pages/pages.ts';

let faults: Faults;
beforeEach(() => {
  faults = new Faults({ clock: createClock(), kill: () => false });
});
const open = (method: string, input = '') =>
  faultPages(faults)[`${method} /faults`]?.answer(input, new URLSearchParams());

const rule = { on: { caller: 'ingest' }, do: { kind: 'throttle' } };
const listed = { number: 1, name: 'fault 1', state: 'active', met: 0, rule };

it('a plan that is put is in force and shown, until it is deleted', () => {
  expect(open('GET')).toEqual({ rules: [] });
  expect(open('PUT', JSON.stringify({ rules: [rule] }))).toEqual({ rules: [listed] });
  expect(open('GET')).toEqual({ rules: [listed] });
  expect(open('DELETE')).toEqual({ rules: [] });
  expect(faults.list()).toEqual([]);
});

it.each([
  ['', 'The plan is not JSON'],
  ['{"rules": [{"on": {}}]}', 'rules[0].do must be'],
])('of the input %j it says what is wrong, and keeps what there was', (input, message) => {
  open('PUT', JSON.stringify({ rules: [rule] }));

  expect(() => open('PUT', input)).toThrow(WrongInput);
  expect(() => open('PUT', input)).toThrow(message);
  expect(open('GET')).toEqual({ rules: [listed] });
});

it.each([
  ['nowhere.json', 'nowhere.json cannot be opened: ENOENT'],
  ['package.json', 'package.json is no fault plan: rules must be a list of rules'],
])('npm start with the plan %s ends with 2 before anything starts', (file, message) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['local/main.ts', '--faults', file], {
    encoding: 'utf8',
  });

  expect(stderr).toContain(message);
  expect(stdout).toBe('');
  expect(status).toBe(2);
});
