// How a flow starts the platform where it is not about how records come together: stored at once, by few threads.

export const hurried = { memory: true, longestWindowMs: 100, environmentsPerFunction: 2 };
