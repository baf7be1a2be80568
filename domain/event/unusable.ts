// In place of an event that a door cannot translate into one. It is rejected as an invalid event is, in the words of what
// the client sent.

export class Unusable {
  readonly code: 'invalid_field' | 'metadata_too_large' | 'missing_field';
  readonly field: string;
  readonly message: string;
  /** As it was sent, for samples of what is rejected. */
  readonly sent: unknown;

  constructor({ code, field, message, sent }: Pick<Unusable, 'code' | 'field' | 'message' | 'sent'>) {
    this.code = code;
    this.field = field;
    this.message = message;
    this.sent = sent;
  }
}

export const sentOf = (input: unknown): unknown => (input instanceof Unusable ? input.sent : input);
