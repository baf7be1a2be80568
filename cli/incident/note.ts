// `weir incident note`: adds what was found of an incident, such as its root cause. Reports show it. It says who wrote it,
// when and where, and no note is changed or removed: so it is its own audit.

import { isIncidentId, mostNoteCharacters } from '../../domain/service-levels/incidents.ts';
import { CliError, WrongUse } from '../errors.ts';
import { defineVerb } from '../verb.ts';

export class NoSuchIncident extends CliError {
  constructor(id: string) {
    super(`There is no incident ${id}.`, 'Copy its id from: weir incident list');
  }
}

export class InvalidNote extends WrongUse {
  constructor() {
    super(
      `A note has 1 to ${mostNoteCharacters} characters. Nothing was written.`,
      'Say what happened in a sentence or two.',
    );
  }
}

export const incidentNote = defineVerb({
  words: ['incident', 'note'],
  summary: 'add what was found of an incident, such as its root cause',
  examples: ['incident note --id 20261130T230500Z-stream-lag --text rolled-back'],
  options: (command) =>
    command
      .requiredOption('--id <id>', 'the id of the incident')
      .requiredOption('--text <text>', 'what was found')
      .option('--by <name>', 'who found it; without it, who runs the command'),
  run: async ({ incidents, actor, clock }, { id, text, by }) => {
    const note = { atMs: clock.now(), by: by ?? actor.who, from: actor.from, text: text.trim() };
    if (note.text === '' || note.text.length > mostNoteCharacters) throw new InvalidNote();
    const incident = isIncidentId(id) ? await incidents.find(id) : undefined;
    if (incident === undefined) throw new NoSuchIncident(id);
    const last = incident.notes.at(-1);
    // A command that was killed may have written it.
    const isThere = last?.text === note.text && last.by === note.by;
    if (!isThere) await incidents.addNote(id, note);
    return {
      json: { id, alarm: incident.alarm, notes: incident.notes.length + (isThere ? 0 : 1) },
      text: isThere
        ? 'The incident has this note already.'
        : 'The note was added. Reports show it from now on.',
    };
  },
});
