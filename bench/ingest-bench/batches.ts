// Batches as a shop sends them: events of about 360 bytes, of 50 users, within a minute.

export function batchOf(count: number, nowMs: number): object[] {
  return Array.from({ length: count }, (_, index) => ({
    event_id: `evt-${nowMs.toString(36)}-${(index * 7919).toString(36).padStart(6, '0')}`,
    type: ['page.view', 'cart.add', 'order.placed'][index % 3],
    user_id: `user-${String((index * 31) % 50).padStart(5, '0')}`,
    service: 'storefront',
    timestamp: new Date(nowMs - ((index * 97) % 60_000)).toISOString(),
    metadata: {
      url: `https://shop.example/products/${(index * 104_729) % 100_000}`,
      referrer: 'https://search.example/?q=running+shoes',
      browser: 'Firefox 145.0',
      screen: { width: 1920, height: 1080 },
      cart: { items: index % 7, total: ((index * 37) % 20_000) / 100, currency: 'EUR' },
    },
  }));
}
