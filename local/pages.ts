// The twin's own pages beside the API, under /_weir/.

import type { GatewayAnswer } from './gateway/gateway-responses.ts';
import type { CallMeter } from './proxy/call-meter.ts';

type Page = { readonly about: string; readonly answer: () => unknown };

export function createPages(meter: CallMeter) {
  const pages: Readonly<Record<string, Page>> = {
    'GET /_weir/calls': {
      about: 'AWS calls by function and operation: calls, errors, items, capacity units, bytes',
      answer: () => meter.calls(),
    },
    'DELETE /_weir/calls': { about: 'starts that count afresh', answer: () => meter.reset() },
  };
  const index = Object.fromEntries(Object.entries(pages).map(([name, { about }]) => [name, about]));
  return (method: string, url: string): GatewayAnswer | undefined => {
    const path = url.split('?')[0] ?? '';
    if (path !== '/_weir' && !path.startsWith('/_weir/')) return undefined;
    const page = pages[`${method} ${path}`];
    if (page !== undefined) return json(200, page.answer() ?? {});
    return path.replace(/\/$/, '') === '/_weir' ? json(200, index) : json(404, { pages: index });
  };
}

function json(status: number, value: unknown): GatewayAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`),
  };
}
