import { defineConfig } from '@playwright/test';

// The system's browser: tests download none. It must not call home, for a test counts every request.
const launchOptions = {
    executablePath: process.env['PLAYWRIGHT_CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
    ],
    // A scroll bar that is hidden cannot be dragged.
    ignoreDefaultArgs: ['--hide-scrollbars'],
};

export default defineConfig({
    testDir: 'tests/browser',
    fullyParallel: true,
    forbidOnly: true,
    retries: 0,
    workers: 2,
    timeout: 60_000,
    reporter: 'list',
    use: { launchOptions, viewport: { width: 1280, height: 800 }, trace: 'off' },
    projects: [
        { name: 'pages', testIgnore: '**/*speed.spec.ts' },
        // Measured alone, after all others.
        { name: 'speed', testMatch: '**/*speed.spec.ts', dependencies: ['pages'], fullyParallel: false, workers: 1 },
    ],
});
