// The cost of a batch for ingest: the handler's CPU time from the body of the request to the input of PutRecords, as a
// ratio to JSON.parse + JSON.stringify + zstd level 1 of the same body, and separately the other costs of a request. Then
// the cost of hostile bodies, as a ratio to a usual batch of that size, and of a cold start. `npm run bench:ingest`.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { maxBatchBytes } from '../domain/event/batch.ts';
import { batchOf } from './ingest-bench/batches.ts';
import { compareBundles } from './ingest-bench/bundles.ts';
import { cpuMicros, type Work } from './ingest-bench/cpu.ts';
import { startIngestBench } from './ingest-bench/handler.ts';
import { hostileBodies, hostileIfKept, usualBody } from './ingest-bench/hostile.ts';
import { partsOf } from './ingest-bench/parts.ts';

const mostTimesFloor = 5;
const mostTimesUsual = 3;
const mostKilobytes = 376;
/** So many that the compiler optimizes both. */
const callsPerTurn = 200;

const bench = await startIngestBench();
const zstd = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
let over = 0;

for (const count of [100, 500]) {
  const nowMs = Date.now();
  const text = JSON.stringify(batchOf(count, nowMs));
  const compressed = gzipSync(text);
  const plain = bench.request(Buffer.from(text));
  const withLong = bench.request(
    Buffer.from(text.replaceAll('"items":', '"micros":1795273728123456,"items":')),
  );
  const records = await bench.recordsOf(plain);
  const parts = partsOf(plain, nowMs);
  const works: readonly Work[] = [
    { name: 'floor', run: () => zstdCompressSync(JSON.stringify(JSON.parse(text)), zstd) },
    { name: 'handler', run: () => bench.handle(plain) },
    ...parts,
    { name: 'gunzip', run: () => gunzipSync(compressed, { maxOutputLength: maxBatchBytes }) },
    { name: 'with long integers', run: () => bench.handle(withLong) },
    { name: 'with a policy', run: () => bench.handleWithPolicy(plain) },
    { name: 'with flush', run: () => bench.handleWithFlush(plain) },
  ];
  const micros = await cpuMicros(works, Math.ceil(4000 / count));
  const of = (name: string) => (micros.get(name) ?? Number.NaN) / count;
  const line = (what: string, perEvent: number) => {
    const floors = (perEvent / of('floor')).toFixed(2);
    console.log(`  ${what.padEnd(42)} ${perEvent.toFixed(2).padStart(6)} ${floors.padStart(7)}`);
  };
  console.log(
    `${count} events of ${Math.round(text.length / count)} bytes: ${await bench.callsOf(plain)} PutRecords of ` +
      `${records.length} record of ${records[0]?.data.length} bytes\n${' '.repeat(42)} µs/event  floors`,
  );
  line('floor: JSON.parse, JSON.stringify, zstd 1', of('floor'));
  line('handler: plain body to PutRecords input', of('handler'));
  for (const { name } of parts) line(`  of it ${name}`, of(name));
  line('besides: gunzip', of('gunzip'));
  line('besides: an integer of 16 digits each', of('with long integers') - of('handler'));
  line('besides: a personal-data policy', of('with a policy') - of('handler'));
  line('besides: middleware, metrics, log flush', of('with flush') - of('handler'));
  const calls = await cpuMicros(
    [
      { name: 'ours', run: () => bench.putRecords(records) },
      { name: 'by the SDK', run: () => bench.putRecordsBySdk(records) },
    ],
    callsPerTurn,
  );
  const [ours, bySdk] = [...calls.values()].map((micros) => micros.toFixed(0));
  console.log(`  PutRecords, with its server: ${ours} µs a call; by the SDK ${bySdk}`);
  const ratio = of('handler') / of('floor');
  if (ratio > mostTimesFloor) over += 1;
  console.log(`=> ${ratio.toFixed(2)} floors; the bar is ${mostTimesFloor}\n`);
}
const usual = usualBody(Date.now());
const bodies = {
  usual,
  ...Object.fromEntries(
    Object.entries({ ...hostileBodies, ...hostileIfKept }).map(([name, make]) => [name, make()]),
  ),
};
const dear = await cpuMicros(
  Object.entries(bodies).map(([name, text]) => {
    const request = bench.request(Buffer.from(text), name in hostileIfKept ? { keepRejectedDays: 7 } : {});
    return { name, run: () => bench.handleAfresh(request).catch(() => {}) };
  }),
  3,
);
const parsed = await cpuMicros(
  Object.entries(bodies).map(([name, text]) => {
    const parse = async () => JSON.parse(text);
    return { name, run: () => parse().catch(() => {}) };
  }),
  3,
);
const usualMicros = dear.get('usual') ?? Number.NaN;
console.log(`a batch of 500 events and ${usual.length} bytes: ${(usualMicros / 1000).toFixed(1)} ms of CPU`);
for (const [name, micros] of dear) {
  // Some bodies are dear to JSON.parse itself, which no code of ours can help.
  const parsing = parsed.get(name) ?? Number.NaN;
  if (Number((micros / Math.max(usualMicros, parsing)).toFixed(1)) > mostTimesUsual) over += 1;
  const [all, alone] = [micros, parsing].map((each) => (each / usualMicros).toFixed(1).padStart(6));
  console.log(`  ${name.padEnd(42)} ${all} of it; JSON.parse alone ${alone}`);
}
console.log(
  `=> the bar is ${mostTimesUsual} of it, or of what JSON.parse takes for the body if that is more\n`,
);
await bench.end();

const folder = mkdtempSync(join(tmpdir(), 'weir-ingest-bench-'));
const bundles = compareBundles(folder);
rmSync(folder, { recursive: true });
const [ingest, bare] = bundles;
for (const { name, kilobytes, initMilliseconds } of bundles)
  console.log(
    `bundle of ${name.padEnd(26)} ${kilobytes.toFixed(0)} KB, init ${initMilliseconds.toFixed(0)} ms of CPU`,
  );
if (ingest && bare) {
  console.log(
    `=> ${(ingest.kilobytes / bare.kilobytes).toFixed(2)}x its size, ` +
      `${(ingest.initMilliseconds / bare.initMilliseconds).toFixed(2)}x its init; the bar is ${mostKilobytes} KB`,
  );
  if (ingest.kilobytes > mostKilobytes) over += 1;
}
process.exitCode = over === 0 ? 0 : 1;
