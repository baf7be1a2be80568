// A twin in a process of its own, on a given folder and assembly, for tests that kill it, or that check what a failed
// start leaves: after a failed start this process ends by itself only if nothing is left running.

import { startWeir } from '../../local/weir.ts';
import { hurried } from './hurried.ts';

const [folder = '', assembly, port = '0'] = process.argv.slice(2);
try {
  const twin = await startWeir({
    ...hurried,
    memory: false,
    folder,
    assembly,
    port: Number(port),
    accountIds: ['acme'],
  });
  console.log(JSON.stringify({ url: twin.url, apiKey: twin.accounts[0]?.api_key }));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
