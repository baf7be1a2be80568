// The troubles that are drilled, as data: what is wrong, for how long, and which alarms are to ring within which time.

import type { Conditions } from './world.ts';

export type Drill = {
  readonly name: string;
  /** Of the trouble, after three days of ordinary traffic. */
  readonly startsAt: string;
  readonly minutes: number;
  /** For the way back. */
  readonly thenMinutes: number;
  readonly during: {
    /** Before, during and after. */
    readonly background?: Partial<Conditions>;
    readonly trouble?: Partial<Conditions>;
  };
  /** Within so many minutes of its beginning. No other alarm may ring. */
  readonly pages: Readonly<Record<string, number>>;
  readonly tickets: Readonly<Record<string, number>>;
  /** Those that end and ring again before the trouble is over. */
  readonly again?: readonly string[];
  readonly seed?: number;
};

const afternoon = '2026-11-24T14:00:00Z';
const night = '2026-11-25T01:00:00Z';
const minutesOfDay = 1440;

/** So few that many minutes have none. */
const quiet: Partial<Conditions> = { traffic: 0.01 };

export const drills: readonly Drill[] = [
  {
    name: '5 % of all batches fail for 20 minutes',
    startsAt: afternoon,
    minutes: 20,
    thenMinutes: 480,
    during: { trouble: { failingShare: 0.05 } },
    pages: { 'error-rate': 5, 'ingest-availability-burn-60m': 25 },
    tickets: { 'ingest-availability-burn-warning': 15 },
  },
  {
    name: 'A slow burn of 1.3x: 0.13 % of all batches fail for four days',
    startsAt: '2026-11-24T00:00:00Z',
    minutes: 4 * minutesOfDay,
    thenMinutes: 480,
    during: { trouble: { failingShare: 0.0013 } },
    pages: {},
    tickets: { 'ingest-availability-burn-3d': 4080 },
    again: ['ingest-availability-burn-3d'],
  },
  {
    name: 'Ingestion stopped for half an hour',
    startsAt: afternoon,
    minutes: 30,
    thenMinutes: 480,
    during: { trouble: { stream: 'failing' } },
    pages: {
      'error-rate': 2,
      'ingest-availability-burn-60m': 2,
      'ingest-availability-burn-6h': 3,
      'probe-failing': 4,
      'ingestion-stopped': 6,
      'attainment-ingest-availability': 70,
      'attainment-overall-error-rate': 70,
    },
    tickets: {
      'breaker-openings': 2,
      'ingest-availability-burn-warning': 2,
      'ingest-availability-burn-3d': 65,
    },
  },
  {
    name: 'Consumer stopped: Lambda gives it no instance, for half an hour',
    startsAt: afternoon,
    minutes: 30,
    thenMinutes: 480,
    during: { trouble: { consumer: 'throttled' } },
    pages: {
      'probe-failing': 4,
      'nothing-stored': 6,
      'ledger-missing': 20,
      'ingest-availability-burn-60m': 40,
    },
    tickets: {
      'consumer-throttles': 6,
      'freshness-burn-warning': 35,
      throttled: 35,
      'ingest-availability-burn-warning': 35,
      'client-errors': 40,
    },
  },
  {
    name: 'Mapping disabled for half an hour of a quiet night',
    startsAt: night,
    minutes: 30,
    thenMinutes: 480,
    during: { background: quiet, trouble: { consumer: 'disabled' } },
    pages: { 'probe-failing': 4, 'stopped-consumer': 6, 'nothing-stored': 6, 'ledger-missing': 20 },
    tickets: { 'freshness-burn-warning': 35 },
  },
  {
    name: 'Lag growing: the consumer stores 70 % of what arrives, for an hour and a half',
    startsAt: afternoon,
    minutes: 90,
    thenMinutes: 480,
    during: { trouble: { consumerCapacity: 140 } },
    pages: {
      'probe-failing': 4,
      'stream-lag': 7,
      'ingest-availability-burn-60m': 20,
      shedding: 20,
      'ingest-availability-burn-6h': 20,
      'freshness-burn-60m': 55,
      'attainment-ingest-availability': 140,
    },
    tickets: {
      'ingest-availability-burn-warning': 20,
      'client-errors': 20,
      throttled: 20,
      'freshness-burn-warning': 30,
      'ingest-availability-burn-3d': 65,
    },
    again: [
      'probe-failing',
      'stream-lag',
      'ingest-availability-burn-60m',
      'client-errors',
      'throttled',
      'shedding',
      'freshness-burn-60m',
    ],
  },
  {
    name: 'Lag growing fast: it stores a fifth, for an hour and a half',
    startsAt: afternoon,
    minutes: 90,
    thenMinutes: 480,
    during: { trouble: { consumerCapacity: 40 } },
    pages: {
      'probe-failing': 4,
      'stream-lag': 7,
      'ingest-availability-burn-60m': 15,
      shedding: 15,
      'ingest-availability-burn-6h': 15,
      'ledger-missing': 35,
      'freshness-burn-60m': 60,
      'attainment-ingest-availability': 70,
    },
    tickets: {
      'low-throughput': 90,
      'ingest-availability-burn-warning': 10,
      'client-errors': 15,
      throttled: 15,
      'ingest-availability-burn-3d': 65,
      'freshness-burn-warning': 70,
    },
  },
  {
    name: 'A burn of 3x: 0.3 % of all batches fail for eight hours',
    startsAt: '2026-11-24T10:00:00Z',
    minutes: 480,
    thenMinutes: 480,
    during: { trouble: { failingShare: 0.003 } },
    pages: {},
    tickets: { 'ingest-availability-burn-warning': 100 },
    again: ['ingest-availability-burn-warning'],
  },
  {
    name: 'A hot tenant: one account sends five times as much as all others, over its plan, for an hour',
    startsAt: afternoon,
    minutes: 60,
    thenMinutes: 480,
    during: { trouble: { overPlan: 1000 } },
    pages: {},
    tickets: { 'client-errors': 2, throttled: 2 },
  },
  {
    name: 'Tables away for an hour',
    startsAt: afternoon,
    minutes: 60,
    thenMinutes: 480,
    during: { trouble: { tables: 'away' } },
    pages: {
      'error-rate': 2,
      'read-availability-burn-60m': 2,
      'read-availability-burn-6h': 3,
      'probe-failing': 4,
      'nothing-stored': 6,
      'held-records': 6,
      'ingest-availability-burn-60m': 15,
      'ingest-availability-burn-6h': 15,
      'ingestion-stopped': 20,
      'attainment-ingest-availability': 70,
      'attainment-read-availability': 70,
      'attainment-overall-error-rate': 70,
      'freshness-burn-60m': 70,
    },
    tickets: {
      'low-throughput': 70,
      'consumer-errors': 2,
      'read-availability-burn-warning': 2,
      'table-errors': 4,
      'idempotency-skipped': 4,
      'limits-skipped': 6,
      'ingest-availability-burn-warning': 15,
      'metrics-gone': 20,
      'ingest-availability-burn-3d': 65,
      'read-availability-burn-3d': 65,
      'client-errors': 70,
      throttled: 70,
    },
  },
  {
    name: 'Schedules stopped for five hours',
    startsAt: afternoon,
    minutes: 300,
    thenMinutes: 480,
    during: { trouble: { schedules: 'stopped' } },
    pages: { 'ledger-missing': 90 },
    tickets: { 'silent-settle': 20, 'silent-report': 50, 'silent-review': 260 },
  },
  {
    name: 'A quiet night',
    startsAt: night,
    minutes: 480,
    thenMinutes: 0,
    during: { background: quiet },
    pages: {},
    tickets: {},
  },
  {
    name: 'A quiet night with one failure and one slow batch',
    startsAt: night,
    minutes: 1,
    thenMinutes: 480,
    during: { background: quiet, trouble: { failingBatches: 1, slowBatches: 1 } },
    pages: {},
    tickets: {},
  },
  {
    name: 'A week of ordinary traffic',
    startsAt: '2026-11-24T00:00:00Z',
    minutes: 7 * minutesOfDay,
    thenMinutes: 0,
    during: {},
    pages: {},
    tickets: {},
  },
];
