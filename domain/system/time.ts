// Durations and alignment. All instants are milliseconds since the epoch, UTC.

export const secondMs = 1000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

export const floorTo = (instantMs: number, widthMs: number): number =>
  Math.floor(instantMs / widthMs) * widthMs;
export const iso = (instantMs: number): string => new Date(instantMs).toISOString();
export const epochSeconds = (instantMs: number): number => Math.ceil(instantMs / secondMs);
