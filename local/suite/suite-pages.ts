// The pages for test suites. A wrong parameter is told as what it is, before anything is read.

import { PageProblem, type Pages, WrongInput } from '@weir/twin';
import { readAsked, readWait, WrongFilter } from '../../cli/test-suite/asked.ts';
import { NotStored, type Suite } from './suite.ts';

export function suitePages(suite: Suite, nowMs: () => number): Pages {
  const filters =
    'account, environment, type, user_id, service, event_id, metadata.PATH, batch_id, since, limit';
  return {
    'GET /good': {
      about: `events that are stored, the newest first. Filters: ${filters}`,
      answer: (_, query) => suite.good(read(() => readAsked(query, nowMs()))),
    },
    'GET /bad': {
      about: `what was rejected, could not be read or is in quarantine, the newest first. Filters: ${filters}, code, field`,
      answer: (_, query) => suite.bad(read(() => readAsked(query, nowMs()))),
    },
    'GET /all': {
      about: 'how many there are: {"total", "good", "bad"}. Takes the same filters',
      answer: (_, query) => suite.all(read(() => readAsked(query, nowMs()))),
    },
    'GET /wait': {
      about:
        'what /good answers, once there are count of them (1); 408 after timeout (5s). Takes the same filters',
      answer: async (_, query) => {
        try {
          return await suite.wait(read(() => readWait(query, nowMs())));
        } catch (error) {
          if (!(error instanceof NotStored)) throw error;
          throw new PageProblem(408, problemOf(error));
        }
      },
    },
    'POST /reset': {
      about: 'forgets all events, and what was rejected and counted; accounts and keys stay',
      answer: async () => ({ removed: await suite.reset() }),
    },
  };
}

const problemOf = ({ message, good, bad }: NotStored) => ({
  title: 'Not stored in time',
  status: 408,
  detail: message,
  good,
  bad,
});

function read<Asked>(ask: () => Asked): Asked {
  try {
    return ask();
  } catch (error) {
    throw error instanceof WrongFilter ? new WrongInput(error.message) : error;
  }
}
