// The rule of a composite alarm over the states of others: ALARM(x), OK(x), INSUFFICIENT_DATA(x), AND, OR, NOT, TRUE,
// FALSE and parentheses. An alarm is named, or given by its ARN.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html

import type { AlarmState } from './missing-data.ts';

export type AlarmRule = {
  readonly text: string;
  /** The alarms that it asks. */
  readonly names: ReadonlySet<string>;
  readonly holds: (stateOf: (name: string) => AlarmState) => boolean;
};

export class AlarmRuleUnreadable extends Error {
  override readonly name = 'AlarmRuleUnreadable';
}

type Test = AlarmRule['holds'];

const token = /\s*(?:(\()|(\))|([A-Za-z_]+)(?:\s*\(\s*(?:"([^"]*)"|'([^']*)'|([^\s()"']+))\s*\))?)/y;
const states: ReadonlySet<string> = new Set(['OK', 'ALARM', 'INSUFFICIENT_DATA']);

type Token = { readonly word: string; readonly alarm?: string | undefined };

export function readAlarmRule(text: string): AlarmRule {
  const tokens = tokensOf(text);
  const names = new Set<string>();
  let next = 0;
  const unreadable = (what: string) =>
    new AlarmRuleUnreadable(`The rule of the composite alarm cannot be read: ${what}: ${text}`);
  const isNext = (word: string) => tokens[next]?.word === word && tokens[next]?.alarm === undefined;

  const any = (): Test => {
    const tests = [all()];
    while (isNext('OR')) {
      next += 1;
      tests.push(all());
    }
    return (stateOf) => tests.some((test) => test(stateOf));
  };
  const all = (): Test => {
    const tests = [one()];
    while (isNext('AND')) {
      next += 1;
      tests.push(one());
    }
    return (stateOf) => tests.every((test) => test(stateOf));
  };
  const one = (): Test => {
    const { word, alarm } = tokens[next] ?? { word: '' };
    next += 1;
    if (alarm !== undefined) {
      if (!states.has(word)) throw unreadable(`${word} is no state`);
      names.add(alarm);
      return (stateOf) => stateOf(alarm) === word;
    }
    switch (word) {
      case '(': {
        const inner = any();
        if (!isNext(')')) throw unreadable('a parenthesis is not closed');
        next += 1;
        return inner;
      }
      case 'NOT': {
        const inner = one();
        return (stateOf) => !inner(stateOf);
      }
      case 'TRUE':
        return () => true;
      case 'FALSE':
        return () => false;
      default:
        throw unreadable(word === '' ? 'it ends early' : `${word} has no place there`);
    }
  };

  const holds = any();
  if (next < tokens.length) throw unreadable(`${tokens[next]?.word} has no place there`);
  return { text, names, holds };
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let read = 0;
  while (text.slice(read).trim() !== '') {
    token.lastIndex = read;
    const found = token.exec(text);
    if (found === null)
      throw new AlarmRuleUnreadable(
        `The rule of the composite alarm cannot be read from here: ${text.slice(read)}`,
      );
    read = token.lastIndex;
    const [, open, close, word = '', ...quoted] = found;
    const alarm = quoted.find((each) => each !== undefined);
    // NOT (OK) is a group, not an alarm that is called OK; only states take a name.
    if (alarm !== undefined && !states.has(word)) {
      read -= found[0].length - found[0].indexOf('(');
      tokens.push({ word });
      continue;
    }
    tokens.push({ word: open ?? close ?? word, alarm: alarm === undefined ? undefined : nameOf(alarm) });
  }
  return tokens;
}

/** The name in an ARN; a name stays. */
export function nameOf(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.indexOf(':alarm:') + 7) : nameOrArn;
}
