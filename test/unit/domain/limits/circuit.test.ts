import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  after,
  type Circuit,
  circuitRules,
  closedCircuit,
  refusesForMs,
  withOpening,
} from '../../../../domain/limits/circuit.ts';

const nowMs = 1_000_000;
const { leastRequests, windowMs, firstOpenMs, mostOpenMs } = circuitRules;

const afterAll = (circuit: Circuit, requests: readonly boolean[], atMs = nowMs): Circuit =>
  requests.reduce((before, isInvalid) => after(before, isInvalid, atMs), circuit);
const invalid = (count: number) => Array<boolean>(count).fill(true);
const valid = (count: number) => Array<boolean>(count).fill(false);
const opened = afterAll(closedCircuit, invalid(leastRequests));

describe('a circuit', () => {
  it('opens after so many requests that are nearly all invalid', () => {
    expect(refusesForMs(afterAll(closedCircuit, invalid(leastRequests - 1)), nowMs)).toBe(0);
    expect(refusesForMs(opened, nowMs)).toBe(firstOpenMs);
    expect(refusesForMs(afterAll(closedCircuit, [...valid(2), ...invalid(18)]), nowMs)).toBe(firstOpenMs);
  });

  it('stays closed while a tenth of the requests is more than valid', () => {
    expect(refusesForMs(afterAll(closedCircuit, [...valid(3), ...invalid(17)]), nowMs)).toBe(0);
  });

  it('forgets requests of before the window', () => {
    const before = afterAll(closedCircuit, invalid(leastRequests - 1));

    expect(refusesForMs(after(before, true, nowMs + windowMs), nowMs + windowMs)).toBe(0);
    expect(refusesForMs(after(before, true, nowMs + windowMs - 1), nowMs + windowMs - 1)).toBe(firstOpenMs);
  });

  it('is closed by a valid probe, and counts from the begin', () => {
    const endMs = nowMs + firstOpenMs;
    const closed = after(opened, false, endMs);

    expect(refusesForMs(closed, endMs)).toBe(0);
    expect(refusesForMs(afterAll(closed, invalid(leastRequests - 1), endMs), endMs)).toBe(0);
  });

  it('opens for twice as long after an invalid probe, up to a bound', () => {
    let circuit = opened;
    let atMs = nowMs;
    const lasted = Array.from({ length: 6 }, () => {
      atMs += refusesForMs(circuit, atMs);
      circuit = after(circuit, true, atMs);
      return refusesForMs(circuit, atMs);
    });

    expect(lasted).toEqual([10_000, 20_000, 40_000, mostOpenMs, mostOpenMs, mostOpenMs]);
  });

  it('holds nothing against an account that was quiet as long as it was refused', () => {
    const quietMs = nowMs + 2 * firstOpenMs;

    expect(refusesForMs(after(opened, true, quietMs - 1), quietMs - 1)).toBeGreaterThan(0);
    expect(refusesForMs(after(opened, true, quietMs), quietMs)).toBe(0);
  });

  it('is not moved by requests that were let through before it opened', () => {
    expect(after(opened, true, nowMs + 1)).toBe(opened);
    expect(after(opened, false, nowMs + 1)).toBe(opened);
  });

  it('takes over what another instance has opened, and nothing older', () => {
    const opening = { untilMs: nowMs + 7000, lastsMs: 7000 };

    expect(refusesForMs(withOpening(closedCircuit, opening), nowMs)).toBe(7000);
    expect(refusesForMs(withOpening(opened, { untilMs: nowMs, lastsMs: 1 }), nowMs)).toBe(firstOpenMs);
    expect(withOpening(opened, undefined)).toBe(opened);
  });

  it('never refuses an account with valid requests only, and nobody for longer than the bound', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ isInvalid: fc.boolean(), waitMs: fc.integer({ min: 0, max: 3000 }) }), {
          maxLength: 300,
        }),
        (requests) => {
          let [circuit, allValid, atMs] = [closedCircuit, closedCircuit, nowMs];
          for (const { isInvalid, waitMs } of requests) {
            atMs += waitMs;
            circuit = after(circuit, isInvalid, atMs);
            allValid = after(allValid, false, atMs);
            expect(refusesForMs(circuit, atMs)).toBeLessThanOrEqual(mostOpenMs);
            expect(refusesForMs(allValid, atMs)).toBe(0);
          }
        },
      ),
    );
  });
});
