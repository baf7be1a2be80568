// Callers who ask for the same while it is under way share one answer.

export class SingleFlight<Of> {
  readonly #flights = new Map<string, Promise<Of>>();

  share(name: string, work: () => Promise<Of>): Promise<Of> {
    const flight = this.#flights.get(name) ?? work().finally(() => this.#flights.delete(name));
    this.#flights.set(name, flight);
    return flight;
  }
}
