// How the page of the API looks: on a phone and on a desk, by light and by dark.

export const apiPageStyle = `
:root { color-scheme: light dark; --line: light-dark(#d5d8de, #3a3f47); --soft: light-dark(#f3f4f6, #1d2127); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif;
  background: light-dark(#fff, #121417); color: light-dark(#1b1f24, #e4e7eb); }
h1 { font-size: 1.6rem; } h2 { margin-top: 2rem; border-bottom: 1px solid var(--line); text-transform: capitalize; }
h3 { font-size: 1.05rem; overflow-wrap: anywhere; } h4 { margin-bottom: 0.3rem; }
section { border: 1px solid var(--line); border-radius: 0.5rem; padding: 0 1rem 1rem; margin: 1rem 0; }
a { color: light-dark(#0b57d0, #8ab4f8); } nav ul { list-style: none; padding: 0; } nav li { padding: 0.15rem 0; }
nav a { text-decoration: none; overflow-wrap: anywhere; } nav h2 { font-size: 1rem; margin: 0.8rem 0 0.2rem; }
code, pre { font: 0.875rem/1.45 ui-monospace, monospace; } code { overflow-wrap: anywhere; }
pre, .wide { background: var(--soft); border-radius: 0.3rem; overflow-x: auto; }
pre { padding: 0.7rem; } .type { margin: 0.5rem 0 0; font-size: 0.85rem; opacity: 0.8; }
table { border-collapse: collapse; width: 100%; min-width: 34rem; font-size: 0.9rem; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.6rem; border-bottom: 1px solid var(--line); }
summary { cursor: pointer; padding: 0.3rem 0; }
.get, .head { color: light-dark(#0b6e3b, #7ddaa3); } .post { color: light-dark(#8a4b00, #f3bd75); }
.delete { color: light-dark(#b3261e, #f2a29b); }
`;
