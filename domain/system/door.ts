/** The API as a client reaches it. */
export type Door = {
  post(path: string, secret: string, body: unknown): Promise<DoorAnswer>;
  get(path: string, secret: string): Promise<DoorAnswer>;
};

/** `body`: parsed. Undefined if it is no JSON. */
export type DoorAnswer = { readonly status: number; readonly body: unknown };
