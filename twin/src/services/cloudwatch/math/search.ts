// The search of a SEARCH: which metrics it is about. The schema in braces is the namespace and exactly the names of the
// dimensions; each term after it, or all without one, is a name with a value in quotes, which has to be equal.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html

import type { MetricIdentity } from '../store/metric-store.ts';
import { MathNotModelled } from './line.ts';

export type MetricTest = (metric: MetricIdentity) => boolean;

const schemaPattern = /^\s*\{([^}]*)\}/;
const termPattern = /\s*(?:AND\s+)?(?:"([^"]+)"|([\w/.-]+))\s*=\s*"([^"]*)"/y;

export function readSearch(search: string): MetricTest {
  const schema = schemaPattern.exec(search);
  const tests: MetricTest[] = [];
  if (schema !== null) tests.push(ofSchema(schema[1] ?? ''));
  const terms = search.slice(schema?.[0].length ?? 0);
  let read = 0;
  while (terms.slice(read).trim() !== '') {
    termPattern.lastIndex = read;
    const term = termPattern.exec(terms);
    if (term === null)
      throw new MathNotModelled(
        `The local twin knows only terms such as MetricName="x" in a search: ${terms.slice(read).trim()}`,
      );
    read = termPattern.lastIndex;
    tests.push(ofTerm(term[1] ?? term[2] ?? '', term[3] ?? ''));
  }
  return (metric) => tests.every((test) => test(metric));
}

function ofSchema(text: string): MetricTest {
  const [namespace = '', ...names] = text.split(',').map((part) => part.trim().replaceAll('"', ''));
  const wanted = names.toSorted().join();
  return (metric) =>
    metric.namespace === namespace && Object.keys(metric.dimensions).toSorted().join() === wanted;
}

function ofTerm(name: string, value: string): MetricTest {
  switch (name) {
    case 'Namespace':
      return (metric) => metric.namespace === value;
    case 'MetricName':
      return (metric) => metric.name === value;
    default:
      return (metric) => metric.dimensions[name] === value;
  }
}
