// The door to small files that survive a kill, as the twin keeps its own.

export { writeJsonFile } from './core/atomic-file.ts';
export { StoredJson } from './core/stored-json.ts';
