// An event of about 360 bytes, as in the figures of the design.

export const benchEvent = (index: number) => ({
  event_id: `b-${index}`,
  type: 'page.view',
  user_id: `u-${index % 50}`,
  service: 'web',
  metadata: { path: `/shop/items/${index % 1000}`, note: 'n'.repeat(220) },
});
