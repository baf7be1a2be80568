// Plain HTTP servers on loopback. At their end requests in flight get two seconds, then every socket is closed.

import { createServer as createHttpServer, type Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export const loopback = '127.0.0.1';

export class PortInUse extends Error {
  override readonly name = 'PortInUse';
  constructor(port: number) {
    super(`Port ${port} is in use. Stop what listens there, or choose another one with --port.`);
  }
}

/** Port 0 takes any free one. Resolves to the server's address. */
export function listen(server: Server, port: number): Promise<string> {
  // Clients keep connections open. A short timeout would reset one just as it is used again.
  server.keepAliveTimeout = 65_000;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortInUse(port) : error),
    );
    server.listen(port, loopback, () => resolve(addressOf(server)));
  });
}

export function addressOf(server: Pick<Server, 'address'>): string {
  return `http://${loopback}:${(server.address() as AddressInfo).port}`;
}

export async function close(server: Server, graceMs = 2000): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Those that are kept open after an answer that was under way, too.
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  server.closeIdleConnections();
  const grace = new AbortController();
  await Promise.race([
    closed,
    sleep(graceMs, undefined, { signal: grace.signal, ref: false }).catch(() => {}),
  ]);
  grace.abort();
  clearInterval(sweep);
  server.closeAllConnections();
  await closed;
}

/** For a child process that cannot choose a port by itself. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, loopback, () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** Fails early where a port is taken. It may still be taken by the time somebody listens there. */
export async function assertPortIsFree(port: number): Promise<void> {
  if (port === 0) return;
  const probe = createHttpServer();
  await listen(probe, port);
  await close(probe);
}
