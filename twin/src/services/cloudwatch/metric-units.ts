// The units that CloudWatch knows.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html

const sizes = ['Bytes', 'Kilobytes', 'Megabytes', 'Gigabytes', 'Terabytes'];
const sizesInBits = ['Bits', 'Kilobits', 'Megabits', 'Gigabits', 'Terabits'];
const amounts = [...sizes, ...sizesInBits, 'Count'];

export const metricUnits: ReadonlySet<unknown> = new Set([
  ...['Seconds', 'Microseconds', 'Milliseconds', 'Percent', 'None'],
  ...amounts,
  ...amounts.map((amount) => `${amount}/Second`),
]);
