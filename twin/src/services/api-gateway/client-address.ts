// Where a request comes from. Everything that calls the twin is on this machine, so a test of limits by address names
// one in `x-weir-client-address`. Functions never see that header.

import type { IncomingMessage } from 'node:http';
import { isIP, SocketAddress } from 'node:net';
import { type HttpAnswer, jsonForPeople } from '../../core/http/http-answer.ts';

export const clientAddressHeader = 'x-weir-client-address';

/** The twin's own answer where the header holds no address: AWS knows neither. */
export function refuseClientAddress({ headers }: IncomingMessage): HttpAnswer | undefined {
  const named = headers[clientAddressHeader];
  // The zone that may stand behind a `%` is of a machine's own interfaces, which no caller of AWS comes from.
  if (named === undefined || (isIP(String(named)) !== 0 && !String(named).includes('%'))) return undefined;
  const error = `${clientAddressHeader} takes one IPv4 or IPv6 address, and ${JSON.stringify(named)} is none.`;
  return jsonForPeople(400, { error });
}

export function clientAddressOf({ headers, socket }: IncomingMessage): string {
  const named = headers[clientAddressHeader];
  // A socket has no address any more once its client is gone.
  return named === undefined ? (socket.remoteAddress ?? '127.0.0.1') : inOneSpelling(String(named));
}

/** An IPv6 address can be written in many ways; what counts by address has to know them as one. */
function inOneSpelling(address: string): string {
  return new SocketAddress({ address, family: isIP(address) === 6 ? 'ipv6' : 'ipv4' }).address;
}
