import { expect, it } from 'vitest';
import { helpOf, readArguments } from '../../../local/arguments.ts';

it.each([
  [['--memory', '--port', '0', '--ready-file', 'r'], { port: 0, memory: true, readyFile: 'r' }],
  [[], {}],
  [['--watch'], { watch: true }],
  [['--faults', 'f'], { faultsFile: 'f' }],
])('reads the arguments %j', (args, given) => {
  const usual = { port: 8787, memory: false, watch: false, readyFile: undefined, faultsFile: undefined };

  expect(readArguments(args)).toEqual({ ...usual, ...given });
});

it.each([
  [['--prot', '1']],
  [['--port=']],
  [['--port', '70000']],
  [['--port', 'x']],
  [['--faults=']],
  [['extra']],
])('refuses the arguments %j with the usage', (args) => {
  expect(() => readArguments(args)).toThrow('Usage: npm start');
});

it.each([[['--help']], [['-h']], [['--port', 'x', '--help']]])('%j asks for help', (args) => {
  expect(readArguments(args)).toBe('help');
});

it.each(['--memory', '--watch', '--port N', '--faults FILE', '--ready-file FILE'])(
  'help has a line about %s',
  (option) => {
    expect(helpOf()).toMatch(new RegExp(`^  ${option} +\\S`, 'm'));
  },
);
