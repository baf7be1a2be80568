// Data on disk that this start cannot use: the errors say what to do.

const wayOut =
  'Move the whole data folder that holds it away to start afresh, or start with --memory, which keeps no data.';

/** It does not hold what was written, or not all of it. */
export class DamagedData extends Error {
  override readonly name = 'DamagedData';
  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`${path} is damaged (${reason}). ${wayOut}`, options);
  }
}

/** The template has changed since, in a way that needs the data made anew. */
export class StaleData extends Error {
  override readonly name = 'StaleData';
  constructor(what: string, difference: string) {
    super(`The ${what} was made by an earlier template: ${difference}. ${wayOut}`);
  }
}
