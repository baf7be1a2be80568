// Lambda unpacks an asset to /var/task, and no folder above that has a package.json. Here folders above may have one,
// such as that of the project with "type": "module". Ends the search for a package.json at the root of the asset: a .js
// file that no package.json within the asset speaks for is CommonJS.

import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** For all modules that this thread loads from now on. */
export function boundPackageAt(codeFolder: string): void {
  // Node names modules by their real paths.
  const root = realpathSync(codeFolder);
  registerHooks({
    load: (url, context, nextLoad) => {
      const path = url.startsWith('file:') ? fileURLToPath(url) : '';
      if (!isWithoutPackage(path, root)) return nextLoad(url, context);
      return context.conditions.includes('require')
        ? { format: 'commonjs', source: readFileSync(path), shortCircuit: true }
        : { format: 'module', source: importOf(path), shortCircuit: true };
    },
  });
}

function isWithoutPackage(path: string, root: string): boolean {
  if (!path.endsWith('.js') || !path.startsWith(root + sep)) return false;
  for (let folder = dirname(path); folder.length >= root.length; folder = dirname(folder))
    if (existsSync(join(folder, 'package.json'))) return false;
  return true;
}

/** Node would look for a package.json again where CommonJS is imported, and not where it is required. */
function importOf(path: string): string {
  const exported: unknown = createRequire(path)(path);
  const names = typeof exported === 'object' && exported !== null ? Object.keys(exported) : [];
  return [
    "import { createRequire } from 'node:module';",
    `const exported = createRequire(import.meta.url)(${JSON.stringify(path)});`,
    'export { exported as default };',
    ...names
      .filter((name) => name !== 'default')
      .map(
        (name, index) =>
          `const n${index} = exported[${JSON.stringify(name)}]; export { n${index} as ${JSON.stringify(name)} };`,
      ),
  ].join('\n');
}
