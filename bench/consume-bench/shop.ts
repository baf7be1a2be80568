// Events as the browsers of a shop's visitors send them: about 360 bytes, random enough to compress no better than real
// ones, and the ids that clients give them.

import { toUuidV7 } from '../support/uuid-v7.ts';

export type Shop = {
  readonly users: { readonly count: number; readonly named: 'by number' | 'by UUID' };
  readonly random: () => number;
};

const types = ['page.view', 'product.view', 'cart.add', 'cart.remove', 'search', 'order.placed'];
const services = ['storefront', 'search', 'checkout'];
const browsers = ['Firefox 145.0', 'Chrome 142.0', 'Safari 26.1', 'Edge 142.0', 'Samsung Internet 29'];
const referrers = ['https://search.example/?q=', 'https://news.example/?ref=', 'https://shop.example/c/'];
const words = ['running+shoes', 'rain+jacket', 'tent', 'climbing+rope', 'head+lamp', 'sleeping+bag'];
const screens = [
  { width: 1920, height: 1080 },
  { width: 390, height: 844 },
  { width: 1440, height: 900 },
  { width: 412, height: 915 },
];

export function shopOf({ count, named }: Shop['users'], random: Shop['random']) {
  const below = (limit: number) => Math.floor(random() * limit);
  const oneOf = <T>(choices: readonly T[]): T => choices[below(choices.length)] as T;
  const bytes = (length: number) => Uint8Array.from({ length }, () => below(256));
  const uuid = () => {
    const hex = Buffer.from(bytes(16)).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  };
  const users = Array.from({ length: count }, (_, index) =>
    named === 'by UUID' ? uuid() : `user-${String(index).padStart(5, '0')}`,
  );
  const uuidV7 = (atMs: number) => toUuidV7(uuid(), atMs);
  /** Ids of one batch: a random prefix, and a number for each event. */
  const scoped = () => {
    const prefix = Buffer.from(bytes(16)).toString('base64url');
    return (index: number) => `${prefix}~${index}`;
  };
  const event = (receivedAtMs: number, spreadMs: number) => ({
    type: oneOf(types),
    user_id: oneOf(users),
    service: oneOf(services),
    timestamp: new Date(receivedAtMs - below(spreadMs)).toISOString(),
    metadata: {
      url: `https://shop.example/products/${below(100_000)}`,
      referrer: `${oneOf(referrers)}${oneOf(words)}`,
      browser: oneOf(browsers),
      screen: oneOf(screens),
      cart: { items: below(9), total: below(20_000) / 100 },
    },
  });
  return { event, bytes, uuid, uuidV7, scoped };
}
