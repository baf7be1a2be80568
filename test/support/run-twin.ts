// A twin in a process of its own, on a folder that is given, for tests that kill it.

import { startTwin } from '../../local/twin.ts';

const [folder = ''] = process.argv.slice(2);
const twin = await startTwin({ folder, accountIds: ['acme'] });
console.log(JSON.stringify({ url: twin.url, apiKey: twin.accounts[0]?.api_key }));
