// What handling one request needs beside the request.

import type { Invoker } from '../lambda/functions.ts';
import type { Journal } from './journal.ts';

/** Tells the console of a problem, in one line. */
export type Report = (problem: string) => void;

export type Handling = { readonly functions: Invoker; readonly report: Report; readonly journal: Journal };
