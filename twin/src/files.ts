// The door to small files that survive a kill, as the twin keeps its own, and to the words for a full disk.

export { writeJsonFile } from './core/atomic-file.ts';
export { namingFullDisk } from './core/full-disk.ts';
export { StoredJson } from './core/stored-json.ts';
