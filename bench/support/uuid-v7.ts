/** Of that time: its first 48 bits are milliseconds. All else is as random as the given UUID. */
export function toUuidV7(uuid: string, atMs: number): string {
  const time = atMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${uuid.slice(15)}`;
}
