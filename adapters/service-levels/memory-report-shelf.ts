// The bucket and the topic of reports, and the alarms of a stage, in memory.

import type { Transition } from '../../domain/service-levels/incidents.ts';
import type { AlarmReader, ReportShelf, ReportTopic, TimeRange } from '../../domain/service-levels/port.ts';

export class MemoryReportShelf implements ReportShelf {
  readonly texts = new Map<string, string>();

  async put(name: string, text: string): Promise<void> {
    this.texts.set(name, text);
  }

  addressOf(name: string): string {
    return `memory:${name}`;
  }
}

export class MemoryReportTopic implements ReportTopic {
  readonly messages: { readonly subject: string; readonly text: string }[] = [];

  async publish(subject: string, text: string): Promise<void> {
    this.messages.push({ subject, text });
  }
}

/** States follow from what is fed. */
export class MemoryAlarmReader implements AlarmReader {
  readonly #transitions: Transition[] = [];

  put(transition: Transition): void {
    this.#transitions.push(transition);
  }

  async states(): Promise<readonly Transition[]> {
    const last = Map.groupBy(this.#transitions, ({ alarm }) => alarm);
    return [...last.values()].flatMap((own) => own.at(-1) ?? []);
  }

  async transitions({ fromMs, toMs }: TimeRange): Promise<readonly Transition[]> {
    return this.#transitions.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  }
}
