// A breath to follow and a quiet while (templates/exercises/_pacer.html, _timer.html). Without this file their words stand.
// No sound and no alarm. Who asked for less motion gets a word that changes and a bar that fills by steps.
"use strict";

(() => {
  const STILL = matchMedia("(prefers-reduced-motion: reduce)");
  const LOOK = 200;

  // How much is left is said by and by, so that nobody watches seconds.
  function left(seconds) {
    if (seconds > 90) return `about ${Math.round(seconds / 60)} minutes left`;
    if (seconds > 45) return "about a minute left";
    return seconds > 15 ? "about half a minute left" : "a few moments left";
  }

  // A clock that can rest: `gone()` is in seconds.
  function stopwatch() {
    let before = 0;
    let since = null;
    return {
      gone: () => before + (since === null ? 0 : (performance.now() - since) / 1000),
      go: () => (since ??= performance.now()),
      rest() {
        before = this.gone();
        since = null;
      },
      reset() {
        before = 0;
        since = null;
      },
    };
  }

  // The screen stays awake meanwhile, where the browser allows it.
  function waking() {
    let lock = null;
    let isWanted = false;
    const ask = async () => {
      if (!isWanted || document.hidden || !navigator.wakeLock) return;
      try {
        const given = await navigator.wakeLock.request("screen");
        if (isWanted) lock = given;
        else await given.release();
      } catch {
        lock = null; // a low battery, say: then the screen goes dark as it always does
      }
    };
    document.addEventListener("visibilitychange", ask);
    return (wanted) => {
      isWanted = wanted;
      if (wanted) ask();
      else lock?.release().catch(() => {});
    };
  }

  // What both have in common. A face has its length and its words; it draws by rest() and show(gone, isRunning).
  function attach(root, face) {
    if (root.dataset.ready) return;
    root.dataset.ready = "yes";
    const [stage, go, again, word, rest, says] = ["stage", "go", "again", "word", "left", "says"].map((name) =>
      root.querySelector(`[data-${name}]`),
    );
    const clock = stopwatch();
    const keepAwake = waking();
    const atFirst = word.textContent;
    let timer = 0;

    const put = (element, text) => {
      if (element.textContent !== text) element.textContent = text;
    };
    function stand(state) {
      root.dataset.state = state;
      put(go, { ready: "Start", running: "Pause", paused: "Carry on", over: "Begin again" }[state]);
      const isOffered = state === "running" || state === "paused";
      if (!isOffered && document.activeElement === again) go.focus();
      again.hidden = !isOffered;
      keepAwake(state === "running");
      clearInterval(timer);
      if (state === "running") timer = setInterval(look, LOOK);
    }
    function look() {
      const gone = clock.gone();
      if (gone >= face.seconds) return finish();
      put(word, face.show(gone, root.dataset.state === "running"));
      put(rest, left(face.seconds - gone));
    }
    function start() {
      clock.go();
      stand("running");
      look();
    }
    function pause() {
      clock.rest();
      stand("paused");
      look();
    }
    function begin() {
      clock.reset();
      face.rest();
      put(says, face.begun);
      start();
    }
    function finish() {
      clock.reset();
      face.rest();
      stand("over");
      put(word, face.over);
      put(rest, face.after);
      put(says, `${face.over}. ${face.after}`);
    }

    go.addEventListener("click", () => {
      const state = root.dataset.state;
      if (state === "running") pause();
      else if (state === "paused") start();
      else begin();
    });
    again.addEventListener("click", begin);
    put(word, atFirst);
    stand("ready");
    stage.hidden = false;
  }

  // One movement that follows the clock: it is set right whenever it starts or rests.
  function follow(animation, gone, isRunning) {
    const drift = Math.abs(Number(animation.currentTime ?? 0) - gone * 1000);
    if (drift > LOOK || !isRunning) animation.currentTime = gone * 1000;
    if (isRunning && animation.playState !== "running") animation.play();
    if (!isRunning && animation.playState === "running") animation.pause();
  }

  function breath(root) {
    const taken = Number(root.dataset.in) || 4;
    const given = Number(root.dataset.out) || 6;
    const length = taken + given;
    const rounds = Math.max(1, Math.round(Number(root.dataset.seconds) / length));
    const bar = root.querySelector("[data-bar]");
    const moves = [...root.querySelectorAll("[data-breath]")].map((element) => {
      const small = { transform: "scale(0.56)", easing: "cubic-bezier(0.45, 0, 0.55, 1)" };
      const frames = [{ ...small, offset: 0 }, { ...small, transform: "scale(1)", offset: taken / length }, { ...small, offset: 1 }];
      const animation = element.animate(frames, { duration: length * 1000, iterations: rounds });
      animation.pause();
      return animation;
    });
    const steps = Array.from({ length }, (_, number) => {
      const step = document.createElement("span");
      step.className = number === taken ? "pacer-step turns" : "pacer-step";
      return step;
    });
    bar.replaceChildren(...steps);

    const move = (gone, isRunning) => moves.forEach((each) => follow(each, gone, isRunning && !STILL.matches));
    const fill = (count) => steps.forEach((step, number) => step.classList.toggle("full", number < count));
    return {
      seconds: rounds * length,
      begun: "The breathing has begun.",
      over: "that is all",
      after: "Let your breath go its own way again.",
      rest() {
        move(0, false);
        fill(0);
      },
      show(gone, isRunning) {
        const within = gone % length;
        move(gone, isRunning);
        fill(Math.floor(within) + 1);
        return within < taken ? "in" : "out";
      },
    };
  }

  function quiet(root) {
    const seconds = Math.max(1, Number(root.dataset.seconds) || 60);
    const ring = root.querySelector("[data-ring]");
    const easing = STILL.matches ? "steps(12, end)" : "linear";
    const frames = [{ strokeDashoffset: 100 }, { strokeDashoffset: 0 }];
    const animation = ring.animate(frames, { duration: seconds * 1000, easing, fill: "both" });
    animation.pause();
    return {
      seconds,
      begun: "The quiet while has begun.",
      over: "that was the time",
      after: "No hurry to move on.",
      rest: () => follow(animation, 0, false),
      show(gone, isRunning) {
        follow(animation, gone, isRunning);
        return isRunning ? "a quiet while" : "resting";
      },
    };
  }

  for (const root of document.querySelectorAll("[data-pacer]:not([data-ready])")) attach(root, breath(root));
  for (const root of document.querySelectorAll("[data-timer]:not([data-ready])")) attach(root, quiet(root));
})();
